"""What a person sees when they let a client use their meetings."""

from ringcentral_meetings.gate.pages.asking import Asking as Asking
from ringcentral_meetings.gate.pages.asking import consent as consent
from ringcentral_meetings.gate.pages.connected import connections as connections
from ringcentral_meetings.gate.pages.outcomes import denied as denied
from ringcentral_meetings.gate.pages.outcomes import refusal as refusal
from ringcentral_meetings.gate.pages.outcomes import success as success
from ringcentral_meetings.gate.pages.outcomes import to_ringcentral as to_ringcentral
