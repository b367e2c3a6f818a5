"""What several screens are made of. A widget knows no service: it is given what it shows."""
