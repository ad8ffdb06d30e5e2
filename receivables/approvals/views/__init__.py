"""The pages of approvals: the inbox, one request, several at once, and delegations."""

from receivables.approvals.views.bulk import ApproveRequests as ApproveRequests
from receivables.approvals.views.delegations import DelegateApprovals as DelegateApprovals
from receivables.approvals.views.delegations import Delegations as Delegations
from receivables.approvals.views.requests import Inbox as Inbox
from receivables.approvals.views.requests import approval as approval
