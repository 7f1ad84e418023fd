"""The verbs of the office: the only writers of its tables. Each is called inside the transaction of a page or a job."""
