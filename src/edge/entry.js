// The Worker's module. A plain object: a class would be constructed anew for every request.
import { fetch } from './index.js';
import { failed } from './crossing.js';

export default {
  fetch(request, env, context) {
    try {
      return fetch(request, env, context);
    } catch (error) {
      return failed(error);
    }
  },
};
