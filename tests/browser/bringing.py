"""How a browser is made to bring something to the page: scripts for `evaluate`."""

DROP = """([name, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}"""
"""A file onto the page. Takes its name and its bytes."""

PASTE = """(box, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  return box.dispatchEvent(event);
}"""
"""A text into the box. Takes the text; gives whether the browser itself pastes it."""
