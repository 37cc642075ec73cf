"""Who learns here together? Classes, accounts of the sandbox for everybody, exercises and the room."""
