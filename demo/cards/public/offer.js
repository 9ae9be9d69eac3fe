// What a home costs a month. Nothing of it leaves this page.
const $ = (id) => document.getElementById(id);
const rate = 0.029 / 12;
const euro = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR', maximumFractionDigits: 0 });

function reckon() {
  const sum = Number($('sum').value);
  const years = Number($('years').value);
  $('sum-shown').textContent = euro.format(sum);
  $('years-shown').textContent = `${years} years`;
  $('sum').setAttribute('aria-valuetext', euro.format(sum));
  $('years').setAttribute('aria-valuetext', `${years} years`);
  $('month').textContent = euro.format((sum * rate) / (1 - (1 + rate) ** (-12 * years)));
}
$('reckon').addEventListener('input', reckon);
$('reckon').addEventListener('submit', (event) => event.preventDefault());
reckon();

if (window.parent === window) {
  $('back').hidden = true;
} else {
  window.GuichetWebView.view.then(
    (view) => {
      const follow = () => {
        document.documentElement.dataset.scheme = view.context.color_scheme === 'dark' ? 'dark' : 'light';
      };
      follow();
      view.on('contextChanged', follow);
      $('back').addEventListener('click', () => view.close());
      view.ready();
    },
    () => {
      $('back').hidden = true;
    },
  );
}
