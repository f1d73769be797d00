export { ParleyError, type ParleyErrorOptions } from '../audio/error.js';
