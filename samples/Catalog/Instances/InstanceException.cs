namespace Catalog.Instances;

/// <summary>Another instance did not start; the message is for the terminal.</summary>
internal sealed class InstanceException(string message) : Exception(message);
