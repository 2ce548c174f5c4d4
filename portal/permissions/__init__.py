"""The permission framework's values: permissions, rules, conditions, decisions and the policy's contract.

Plugins declare permissions and rules in their room ``permissions`` and ask the permissions service; the policy decides.
"""

from portal.permissions.conditions import AllOf, AnyOf, Condition, Conditions, Not, conditions_from
from portal.permissions.decisions import ALLOW, DENY, Conditional, Decision, Result
from portal.permissions.permission import Permission
from portal.permissions.policy import AllowAllPolicy, PermissionPolicy, PolicyUser
from portal.permissions.rules import Rule

__all__ = [
    "ALLOW",
    "DENY",
    "AllOf",
    "AllowAllPolicy",
    "AnyOf",
    "Condition",
    "Conditional",
    "Conditions",
    "Decision",
    "Not",
    "Permission",
    "PermissionPolicy",
    "PolicyUser",
    "Result",
    "Rule",
    "conditions_from",
]
