import pytest
from django.contrib.auth import get_user_model

from accounts.models import User

PASSWORD = "correct horse battery"


@pytest.fixture
def ana(db: None) -> User:
    return get_user_model().objects.create_user("ana", password=PASSWORD)
