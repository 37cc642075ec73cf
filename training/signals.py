"""What happens here when something happens elsewhere, and what others ask of this application by way of hooks."""

from flows.exchange import own_accounts
from training.services.own_accounts import account_of_a_learner, own_accounts_of

own_accounts.register(own_accounts_of)
own_accounts.register_finder(account_of_a_learner)
