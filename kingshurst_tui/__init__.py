"""What the partnership does: agreements, intake, linkage, casework, places, oversight."""
