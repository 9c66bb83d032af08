"""A card payment on the published API: a pause that is proven, and the evidence of it afterwards.

``python platform_card_payment.py CONVERSATION_ID``; without an id it lists the active calls and touches none. Where and
who come from the environment (docs/oauth.md). For the simulator: ``export GCREC_API=platform``, and what ``gcrec sim``
prints.
"""

import sys

import gcrec


def take_card_number():
    print("   (here the customer says a card number)")


def main():
    journal = "pauses.db"  # if this process is killed: gcrec recover --journal pauses.db
    with gcrec.Client.from_env(journal=journal) as client:
        if len(sys.argv) < 2:
            calls = client.active_calls(limit=20)
            for call in calls:
                print(call.id, client.status(call.id).state)
            return
        call_id = sys.argv[1]
        proof = client.ensure(call_id, "recording")
        print("1. Recording:", proof.before, "->", proof.state)
        with client.paused(call_id, reason="card number", max_seconds=120) as pause:
            print("2. Paused, and proven so; whose pause:", pause.owner)
            take_card_number()
        print("3. Resumed:", client.status(call_id).state)
        print("4. Stopped:", client.ensure(call_id, "stopped").state)
        for pause in client.pauses(call_id):  # there once a recording is over
            print("5. Evidence:", pause.reason, "from", pause.start, "to", pause.end)


if __name__ == "__main__":
    main()
