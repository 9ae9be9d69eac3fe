// The chat's script may still be on its way: what is said to it before it's there waits in a queue.
window.guichet =
  window.guichet ||
  function () {
    window.guichet.q = window.guichet.q || [];
    // biome-ignore lint/complexity/noArguments: the queue holds `arguments`
    window.guichet.q.push(arguments);
  };

document.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('button') : null;
  if (button?.dataset.chat === 'open') window.guichet('open');
  if (button?.dataset.fillEmail) {
    document.getElementById('email').value = button.dataset.fillEmail;
    document.getElementById('password').value = button.dataset.fillPassword;
    document.querySelector('#sign-in button').focus();
  }
});
