"""An invented Kingshurst: partners' extracts with their habits of error, and the truth beside them."""
