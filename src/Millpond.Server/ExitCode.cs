namespace Millpond.Server;

/// <summary>What the program ends with.</summary>
internal enum ExitCode
{
    /// <summary>It is done.</summary>
    Done = 0,

    /// <summary>It was refused, or could not be done as asked; asking again changes nothing.</summary>
    Refused = 1,

    /// <summary>The command line is wrong; nobody was asked.</summary>
    WrongUsage = 2,

    /// <summary>The program that was asked, or its shared tier or source, cannot be reached now; ask again.</summary>
    NotReachable = 3,
}
