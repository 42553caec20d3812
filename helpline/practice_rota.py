"""The practice rota: made-up workers from a file, loaded only in practice mode."""

from datetime import time
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline.enums import ShiftCover
from helpline.errors import GuideError
from helpline.models import Shift, Worker

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _ShiftRow(_Strict):
    days: list[str]
    starts: time
    ends: time
    cover: ShiftCover = ShiftCover.ALL
    bank_holidays: bool = False


class _WorkerRow(_Strict):
    name: str
    duty_lead: bool = False
    prisons: list[str] = []
    shifts: list[_ShiftRow]


class _Rota(_Strict):
    workers: list[_WorkerRow]


def load_practice_rota(session: Session, path: Path) -> int:
    """Add the practice workers and their shifts if there is no worker yet; return how many.

    Raises GuideError naming the file, field and reason when the file is wrong.
    """
    if session.scalar(select(Worker.id).limit(1)) is not None:
        return 0
    try:
        rota = _Rota.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        problems = [
            f"{path.name}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}"
            for fault in error.errors()
        ]
        raise GuideError(problems) from error
    for row in rota.workers:
        worker = Worker(name=row.name, duty_lead=row.duty_lead, prisons=row.prisons, practice=True)
        session.add(worker)
        session.add_all(
            Shift(
                worker=worker,
                weekday=DAYS.index(day),
                starts=shift.starts,
                ends=shift.ends,
                cover=shift.cover,
                bank_holidays=shift.bank_holidays,
            )
            for shift in row.shifts
            for day in shift.days
        )
    session.flush()
    return len(rota.workers)
