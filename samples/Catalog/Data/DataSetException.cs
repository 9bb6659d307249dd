namespace Catalog.Data;

/// <summary>The data set is not there and could not be had; the message says what to do.</summary>
internal sealed class DataSetException(string message, Exception? inner = null) : Exception(message, inner);
