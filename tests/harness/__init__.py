"""Real servers for plays: started on loopback in a folder of their own, waited for, and always stopped."""
