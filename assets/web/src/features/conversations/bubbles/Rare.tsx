/** Kinds that most threads do not hold; they come together when the first of them is shown. */
export { Choice, Interactive, Poll } from './Asked'
export { Basket } from './Basket'
export { Cards } from './Cards'
export { Spot } from './Spot'
