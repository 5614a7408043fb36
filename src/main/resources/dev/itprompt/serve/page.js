
'use strict';
const element = (id) => document.getElementById(id);
const file = element('file');
let picture = null;
let asked = 0;

function say(text) {
  element('status').textContent = text;
}

function show(answer) {
  const rows = element('rows');
  rows.replaceChildren();
  for (const one of answer.classes) {
    const row = rows.insertRow();
    const name = document.createElement('th');
    name.scope = 'row';
    const text = document.createElement('bdi');
    text.textContent = one.class;
    const bar = document.createElement('meter');
    bar.max = 1;
    bar.value = one.score;
    bar.setAttribute('aria-hidden', 'true');
    name.append(text, bar);
    row.append(name);
    row.insertCell().textContent = (100 * one.score).toFixed(2) + ' %';
  }
  element('caption').textContent = answer.task === undefined ? '' : 'Inferred task ' + (answer.task + 1);
  element('result').hidden = false;
  say('The picture is most likely: ' + answer.classes[0].class);
}

async function classify() {
  if (picture === null) {
    return;
  }
  const number = ++asked;
  say('Classifying\u2026');
  try {
    const labels = element('labels').value.trim();
    const response = await fetch('predict?top=10' + (labels === '' ? '' : '&labels=' + encodeURIComponent(labels)), {method: 'POST', body: picture});
    const answer = await response.json();
    if (number !== asked) {
      return;
    }
    if (response.ok) {
      show(answer);
    } else {
      element('result').hidden = true;
      say(answer.error);
    }
  } catch (problem) {
    element('result').hidden = true;
    say('The server did not answer: ' + problem.message);
  }
}

function take(files) {
  if (files.length > 0) {
    picture = files[0];
    const image = element('picture');
    URL.revokeObjectURL(image.src);
    image.src = URL.createObjectURL(picture);
    image.hidden = false;
    classify();
  }
}

file.addEventListener('change', () => take(file.files));
element('labels').addEventListener('change', classify);
element('form').addEventListener('submit', (event) => event.preventDefault());
document.addEventListener('paste', (event) => take(event.clipboardData.files));
for (const kind of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    element('drop').classList.toggle('over', kind === 'dragover');
    if (kind === 'drop') {
      take(event.dataTransfer.files);
    }
  });
}
