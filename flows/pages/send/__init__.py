"""Send a call: any operation of a few services, composed in a form, sent and recorded."""
