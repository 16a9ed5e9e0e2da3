// Takes the launch to the tool at once. Pressed twice, the button would spend the code twice.
const form = document.getElementById("hand-off");
form.querySelector("button").disabled = true;
form.submit();
