"""Attaches pyspark to the warm JVM: `SparkContext()` and `SparkSession.builder` give its context and a session.

The hooks are pyspark's own where it has them: `launch_gateway` connects to the JVM that the environment names,
and `SparkContext._initialize_context` is there to be replaced. The session has a state of its own (views,
settings, catalog, cached tables), which is what keeps concurrent runs apart.
"""

import atexit
import contextlib
import os
from collections.abc import Callable
from typing import Any

from py4j.clientserver import ClientServerConnection, JavaClient
from py4j.finalizer import ThreadSafeFinalizer
from py4j.java_gateway import JavaClass, JavaPackage, JVMView
from py4j.protocol import Py4JError
from pyspark import SparkContext
from pyspark.sql import SparkSession

from gluejob.settings import asked_for, for_session

Init = Callable[..., None]
CreateConnection = Callable[[JavaClient], ClientServerConnection]

_PACKAGES = ("java", "org", "scala")
_CLASSES = {name: f"org.apache.spark.sql.{name}" for name in ("SparkSession", "functions")}
"""What pyspark asks for by these names; before the JVM finds them, it looks in each of Spark's jars for a class of such
a name in each of the ten packages that pyspark imports."""


def to_driver(run_id: str, settings: dict[str, str]) -> None:
    """Make every context and session of this process one of run `run_id`; `settings` are its session's."""
    run = _Run(run_id, settings)
    SparkContext._initialize_context = run.context()  # type: ignore[assignment]
    SparkContext.stop = run.stop(SparkContext.stop)  # type: ignore[method-assign]
    SparkSession.__init__ = run.session_init(SparkSession.__init__)  # type: ignore[method-assign]
    JavaClient._create_new_connection = run.connection(JavaClient._create_new_connection)
    for owner in (JVMView, JavaPackage):
        owner.__getattr__ = _remembering(owner.__getattr__)
    atexit.register(run.let_go)


def _remembering(look_up: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    """Ask the JVM once what a name is: for each name it looks for a class in each of Spark's jars."""

    def remembered(owner: Any, name: str) -> Any:
        found = _known(owner, name) or look_up(owner, name)
        if isinstance(found, JavaClass | JavaPackage):
            vars(owner)[name] = found
        return found

    return remembered


def _known(owner: Any, name: str) -> JavaClass | JavaPackage | None:
    """What a name of the JVM's is, without asking it."""
    if not isinstance(owner, JVMView):
        return None
    if name in _PACKAGES:
        return JavaPackage(name, owner._gateway_client, owner._id)
    return JavaClass(_CLASSES[name], owner._gateway_client) if name in _CLASSES else None


class _Run:
    """The context and the session of this process, as replacements for methods of pyspark."""

    def __init__(self, run_id: str, settings: dict[str, str]) -> None:
        self._run_id = run_id
        self._settings = settings
        self._context: Any = None
        self._session: Any = None

    def context(self) -> Callable[[SparkContext, Any], Any]:
        """The JVM's context in place of a new one; what was asked of the new one is asked of the session."""

        def shared(python: SparkContext, conf: Any) -> Any:
            jvm: Any = SparkContext._jvm
            scala = jvm.org.apache.spark.SparkContext.getOrCreate()
            self._context = jvm.JavaSparkContext(scala)
            self._settings |= for_session(asked_for(conf, scala.getConf()))
            python.environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
            self._mark_thread()
            return self._context

        return shared

    def stop(self, stop: Init) -> Init:
        """A stop that leaves the shared context to the others."""

        def detach(python: SparkContext) -> None:
            python._jsc = None
            self._session = None
            stop(python)

        return detach

    def session_init(self, init: Init) -> Init:
        """A session of this run in place of the JVM's default session."""

        def attach(
            python: SparkSession,
            sparkContext: SparkContext,  # noqa: N803
            jsparkSession: Any = None,  # noqa: N803
            options: Any = None,
        ) -> None:
            java = jsparkSession or self._session or self._new_session(options or {})
            current = SparkSession._instantiatedSession
            if current is None or current._sc._jsc is None:
                # pyspark, finding none, would make it the default session of every thread of the JVM.
                python._sc = sparkContext
                SparkSession._instantiatedSession = SparkSession._activeSession = python
            init(python, sparkContext, java, options or {})

        return attach

    def _new_session(self, options: dict[str, Any]) -> Any:
        jvm: Any = SparkContext._jvm
        settings = self._settings | for_session({name: str(value) for name, value in options.items()})
        self._session = jvm.SparkSession(self._context.sc(), settings)
        self._remove_listener()
        jvm.SparkSession.setActiveSession(self._session)
        return self._session

    def _remove_listener(self) -> None:
        """Take off what writes of the session's queries for Spark's own pages, which nobody sees here: it would stay
        on the context when the run has ended, and make each later run slower."""
        listener = self._session.sharedState().statusStore().listener()
        if listener.isDefined():
            self._context.sc().listenerBus().removeListener(listener.get())

    def connection(self, create: CreateConnection) -> CreateConnection:
        """Connections whose threads in the JVM work for this run: pyspark gives each thread of ours one there."""

        def create_marked(client: JavaClient) -> ClientServerConnection:
            connection = create(client)
            if self._context is not None:
                self._mark_thread()
                client.deque.remove(connection)  # marking gave it back; our caller is about to use it
            return connection

        return create_marked

    def _mark_thread(self) -> None:
        """Name the JVM's thread after the run, and tag the Spark jobs it starts."""
        jvm: Any = SparkContext._jvm
        jvm.java.lang.Thread.currentThread().setName(self._run_id)
        self._context.addJobTag(self._run_id)
        self._context.setInterruptOnCancel(True)
        if self._session is not None:
            jvm.SparkSession.setActiveSession(self._session)

    def let_go(self) -> None:
        """Give back what this process holds in the JVM, which would keep it: cached tables, and every object."""
        if self._context is None:
            return
        gateway: Any = SparkContext._gateway
        client = gateway._gateway_client
        references = ThreadSafeFinalizer.finalizers.copy().values()
        held = [found._target_id for found in (reference() for reference in references) if found is not None]
        with contextlib.suppress(Py4JError, OSError):  # where the JVM is gone there is nothing to give back
            if self._session is not None:
                self._session.sharedState().cacheManager().clearCache()
            # What Python itself has dropped waits in a queue, for a thread that ends with the process.
            for target in [*held, *(target for _, target in list(client.finalizer_deque))]:
                client.garbage_collect_object(target, False)
