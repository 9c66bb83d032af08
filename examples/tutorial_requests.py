"""The tutorial's complete working example, as its readers have it: with ``requests``, a fixed sleep and no proof.

It runs unchanged against ``gcrec sim``. ``tutorial_gcrec.py`` beside it is the same script moved to gcrec.
"""

import os
import time

import requests


def get_access_token(client_id, client_secret, base_url):
    response = requests.post(
        f"{base_url}/oauth/token",
        auth=(client_id, client_secret),
        data={"grant_type": "client_credentials"},
    )
    response.raise_for_status()
    return response.json()["access_token"]


def get_active_voice_call(access_token, base_url):
    response = requests.get(
        f"{base_url}/api/v2/communications",
        headers={"Authorization": f"Bearer {access_token}", "Content-Type": "application/json"},
        params={"state": "active", "types": "voice"},
    )
    response.raise_for_status()
    items = response.json().get("items")
    return items[0] if items else None


def control_recording(access_token, base_url, conversation_id, action):
    response = requests.post(
        f"{base_url}/api/v2/recordings/conversations/{conversation_id}/events",
        headers={"Authorization": f"Bearer {access_token}", "Content-Type": "application/json"},
        json={"type": action},
    )
    if response.status_code != 202:
        raise Exception(f"Failed to {action} recording: {response.status_code} {response.text}")
    return response.json()


def check_recording_status(access_token, base_url, conversation_id):
    response = requests.get(
        f"{base_url}/api/v2/recordings/conversations/{conversation_id}",
        headers={"Authorization": f"Bearer {access_token}", "Content-Type": "application/json"},
    )
    if response.status_code == 404:
        return None
    response.raise_for_status()
    items = response.json().get("items")
    return items[0] if items else None


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
    print("4. Waiting for propagation")
    time.sleep(5)
    status = check_recording_status(token, base_url, conversation_id)
    print("5. Status:", status["status"])
    print("6. Stopping the recording")
    control_recording(token, base_url, conversation_id, "stop")
    print("7. Waiting for propagation")
    time.sleep(5)
    status = check_recording_status(token, base_url, conversation_id)
    print("8. Final status:", status["status"] if status else "no longer active")


if __name__ == "__main__":
    main()
