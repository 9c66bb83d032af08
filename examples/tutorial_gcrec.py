"""The tutorial's example moved to gcrec: the same four functions, and a wait for the observed change."""

import os
import time

from gcrec import check_recording_status, control_recording, get_access_token, get_active_voice_call


def wait_for(token, base_url, conversation_id, wanted, seconds=15.0):
    """Looks until the newest recording shows the wanted status; the command alone proves nothing."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status = check_recording_status(token, base_url, conversation_id)
        if status is not None and status["status"] == wanted:
            return status
        time.sleep(0.2)
    raise TimeoutError(f"{conversation_id} did not show {wanted!r} within {seconds} s")


def main():
    base_url = os.environ["GENESYS_BASE_URL"]
    print("1. Authenticating")
    token = get_access_token(os.environ["GENESYS_CLIENT_ID"], os.environ["GENESYS_CLIENT_SECRET"], base_url)
    print("2. Finding an active voice conversation")
    call = get_active_voice_call(token, base_url)
    if call is None:
        print("No active voice conversation: place a test call.")
        return
    conversation_id = call["id"]
    print("3. Starting the recording of", conversation_id)
    control_recording(token, base_url, conversation_id, "start")
    print("4. Waiting until it records")
    print("5. Status:", wait_for(token, base_url, conversation_id, "recording")["status"])
    print("6. Stopping the recording")
    control_recording(token, base_url, conversation_id, "stop")
    print("7. Waiting until it has stopped")
    print("8. Final status:", wait_for(token, base_url, conversation_id, "ended")["status"])


if __name__ == "__main__":
    main()
