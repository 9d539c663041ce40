"""A file outside the library, understood for a comparison and then forgotten."""

from __future__ import annotations

from pathlib import Path

from media_assistant.analysis.analyser import Stage
from media_assistant.errors import Bug, UserFixable
from media_assistant.inference.store import ModelStore
from media_assistant.items.findings import Finding
from media_assistant.items.item import Facts
from media_assistant.jobs.worker_process import WorkerDied, WorkerProcess
from media_assistant.paths import Paths
from media_assistant.settings import Settings
from media_assistant.workflows.installing import models_config
from media_assistant.workflows.planning import possible_specs, specs_of
from media_assistant.workflows.portraits import Portrait, portrait_from
from media_assistant.workflows.transcripts import analysis_options, fault_of
from media_assistant.workflows.working import Chunk, Ended, Probed, Request, limits_for, understand_answers


def read_example(path: Path, store: ModelStore, paths: Paths, settings: Settings) -> Portrait:
    """Look at, listen to and read a file once, all but its speech. Raises UserFixable where it cannot be read."""
    from media_assistant.media.sniff import sniff

    found = sniff(path)
    if found is None:
        raise UserFixable("workflows.no_kind", file=path.name)
    possible = possible_specs(lambda task: store.find(task) is not None, settings)
    config = models_config(paths, settings, whole_machine=True)
    options = analysis_options(settings)
    names = tuple(spec.name for spec in specs_of(found.kind, possible) if spec.stage is Stage.UNDERSTAND)
    facts, findings = Facts(), list[Finding]()
    worker = WorkerProcess(paths.logs / "worker.log", folders=paths.worker_folders)
    try:
        # The first request only asks for the facts, which say how long the second may take.
        for stage, analysers in ((Stage.PREVIEW, ()), (Stage.UNDERSTAND, names)):
            request = Request(path.absolute(), found.kind, stage, analysers, config, options=options)
            limits = limits_for(stage, facts, path.stat().st_size, settings.memory_limit_mb)
            for answer in understand_answers(worker.request(request.messages(), limits)):
                match answer:
                    case Probed():
                        facts = answer.facts
                    case Chunk():
                        findings += answer.findings
                    case Ended() if answer.error:
                        raise fault_of(answer.error)
                    case Ended() if answer.report:
                        raise Bug(answer.report)
                    case _:
                        pass
    except WorkerDied as died:
        raise UserFixable(f"jobs.{died.code}") from died
    finally:
        worker.close()
    return portrait_from(found.kind, facts, findings)
