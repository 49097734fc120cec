"""Information sharing agreements: what each data set may be used for, and the gate that holds it to that."""
