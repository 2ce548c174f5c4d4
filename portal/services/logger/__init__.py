"""The logger service: structured lines, with secrets taken out."""

from portal.services.logger.base import LoggerService, PluginLogger
from portal.services.logger.failures import failure_fields
from portal.services.logger.structured import StructuredLogger, logging_config

__all__ = ["LoggerService", "PluginLogger", "StructuredLogger", "failure_fields", "logging_config"]
