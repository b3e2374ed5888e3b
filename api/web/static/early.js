// Before the first paint: the map that the server drew need not be painted where the
// interactive one is about to be. If that cannot be, app.mjs takes the mark away.
document.documentElement.classList.add('scripting', 'glassy');
