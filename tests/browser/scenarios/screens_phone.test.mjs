// Every screen on a phone, see screens.mjs.
import { walk } from '../screens.mjs'

walk('phone')
