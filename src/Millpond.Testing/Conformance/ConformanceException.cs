namespace Millpond.Testing.Conformance;

/// <summary>A tier does not do what the contract says.</summary>
public sealed class ConformanceException : Exception
{
    /// <summary>Creates the finding.</summary>
    /// <param name="message">What the contract says, and what was seen.</param>
    public ConformanceException(string message)
        : base(message)
    {
    }
}
