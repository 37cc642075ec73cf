"""The table of the vault came over from the providers: nothing in it, and nobody's permission for it, is lost."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.owners import Owner
from tests import ROOT
from tests.kept.directories import unpacked
from vault import services as vault

OPEN_ALL = """
import json
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from accounts.owners import Owner
from vault.models import SealedValue
from vault.services import unseal
opened = {
    f"{reference}/{purpose}": unseal(Owner(user, visitor), reference=reference, purpose=purpose)
    for reference, purpose, user, visitor in SealedValue.objects.values_list("reference", "purpose", "user", "visitor")
}
print(json.dumps(opened))
"""


@pytest.mark.slow
def test_what_an_earlier_version_sealed_still_opens(tmp_path: Path) -> None:
    kept = unpacked("schema-1", tmp_path)
    kept.as_if_just_made()
    sealed = _rows(kept.path, "SELECT reference || '/' || purpose FROM providers_sealedvalue")
    before = _permissions(kept.path, "providers")
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"DATA_DIR": str(kept.path), "DJANGO_SETTINGS_MODULE": "cognitodemo.settings"}
    done = subprocess.run([sys.executable, "-c", OPEN_ALL], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    opened = json.loads(done.stdout)
    assert set(opened) == {name for (name,) in sealed}
    assert {name.partition("/")[2] for name in opened} >= {"artifact", "credentials", "transaction"}
    assert all(opened.values())
    assert before
    assert _permissions(kept.path, "vault") == before
    assert _permissions(kept.path, "providers") == []


def test_there_and_back_again(transactional_db: None, visitor: Owner) -> None:
    soon = timezone.now() + timedelta(minutes=5)
    vault.seal(visitor, reference="r", purpose="p", content={"secret": "x"}, expires_at=soon)
    kind = ContentType.objects.get(app_label="vault", model="sealedvalue")
    permissions = set(Permission.objects.filter(content_type=kind).values_list("pk", "codename"))
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        MigrationExecutor(connection).migrate([("providers", "0002_sign_in"), ("vault", None)])
        assert ContentType.objects.get(pk=kind.pk).app_label == "providers"
    finally:
        MigrationExecutor(connection).migrate(newest)
    assert ContentType.objects.get(pk=kind.pk).app_label == "vault"
    assert permissions
    assert set(Permission.objects.filter(content_type=kind).values_list("pk", "codename")) == permissions
    assert vault.unseal(visitor, reference="r", purpose="p") == {"secret": "x"}


def _permissions(directory: Path, app: str) -> list[tuple[int, int, str]]:
    query = f"""SELECT kind.id, permission.id, permission.codename FROM django_content_type kind
        JOIN auth_permission permission ON content_type_id = kind.id
        WHERE app_label = '{app}' AND model = 'sealedvalue' ORDER BY permission.id"""
    return _rows(directory, query)


def _rows(directory: Path, query: str) -> list[tuple]:
    with closing(sqlite3.connect(directory / "app.sqlite3")) as database:
        return database.execute(query).fetchall()
