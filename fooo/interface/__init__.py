"""The faces: the page, the server and the command line. They know the service, and not each other."""
