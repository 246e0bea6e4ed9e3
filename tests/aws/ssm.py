"""Systems Manager: a command on an instance has ended as soon as it is sent, and says what the
seed document (`commands_say`) lets it say. What a command did is kept, to be looked at.
"""

from __future__ import annotations

import state
from registry import operation
from state import Item
from wire import AwsError, Call


@operation("ssm:SendCommand")
def send(call: Call) -> Item:
    command = {
        "CommandId": state.uuid(),
        "DocumentName": call.input["DocumentName"],
        "InstanceIds": call.input["InstanceIds"],
        "Parameters": call.input.get("Parameters", {}),
        "Status": "Pending",
    }
    state.world().commands[command["CommandId"]] = command
    return {"Command": command}


@operation("ssm:GetCommandInvocation")
def invocation(call: Call) -> Item:
    command = state.world().commands.get(call.input["CommandId"])
    if command is None or call.input["InstanceId"] not in command["InstanceIds"]:
        raise AwsError("InvocationDoesNotExist", "The command ID and instance ID do not match.")
    says, status = state.world().commands_say
    return {
        "CommandId": command["CommandId"],
        "InstanceId": call.input["InstanceId"],
        "DocumentName": command["DocumentName"],
        "Status": status,
        "StandardOutputContent": says,
    }
