"""The rules of LTI, tested with no I/O: values in, a value or a refusal out."""
