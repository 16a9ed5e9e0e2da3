// A field may be named "submit", so the form's own method is asked for by its class.
HTMLFormElement.prototype.submit.call(document.getElementById("forward"));
