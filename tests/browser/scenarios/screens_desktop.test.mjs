// Every screen on a desk, see screens.mjs.
import { walk } from '../screens.mjs'

walk('desktop')
