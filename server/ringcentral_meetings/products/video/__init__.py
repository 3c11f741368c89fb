"""RingCentral Video, whose meetings are rooms without a time."""
