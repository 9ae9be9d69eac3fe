export { connect } from './sdk';
export { view } from './tag';
