"""moto as the sandbox needs it: how it is asked, what is changed in it, what it keeps."""
