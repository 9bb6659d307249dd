namespace Catalog.Database;

/// <summary>The database does not answer, or has no connection left.</summary>
internal sealed class DatabaseUnavailableException(string message) : Exception(message);
