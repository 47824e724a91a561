/** Begins the status page. */
import { App } from './frame/app.ts';
import { html, render } from './library/html.ts';
import { GatewayModel } from './model/gateway-model.ts';
import { Router } from './model/router.ts';

const root = document.getElementById('page');
if (root !== null) {
  const model = new GatewayModel(new URL(location.href), (url) => new EventSource(url));
  const router = new Router();
  document.addEventListener('visibilitychange', () => model.seen(document.visibilityState === 'visible'));
  addEventListener('online', () => model.tryNow());
  root.replaceChildren();
  render(html`<${App} model=${model} router=${router} />`, root);
}
