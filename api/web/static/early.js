// Before the first paint: the map that the server drew need not be painted where the
// interactive one is about to be. The mark is taken away where that cannot be: by
// app.mjs, or here where app.mjs does not begin within some seconds.
document.documentElement.classList.add('glassy');
setTimeout(() => {
  if (!document.documentElement.classList.contains('scripting')) document.documentElement.classList.remove('glassy');
}, 5000);
