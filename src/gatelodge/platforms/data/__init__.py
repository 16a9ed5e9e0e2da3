"""One module per LMS family. Labels stand as they do on the LMS's English screens; (…) is a thing to pick."""
