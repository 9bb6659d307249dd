using System.Security.Cryptography;
using Millpond;

namespace Catalog.Operating;

/// <summary>What the command line <c>millpond</c> asks: purges, status, dead letters. On the loopback address alone, as everything here, and for whoever may read the secret beside the database.</summary>
internal static class OperatorEndpoints
{
    public const string Prefix = "/millpond";

    public static void MapOperator(this IEndpointRouteBuilder routes, string database)
    {
        EndpointAccess access = EndpointAccess.BySecret(Secret(FileOf(database)));
        routes.MapMillpondPurge(Prefix, access);
        routes.MapMillpondAdmin(Prefix, access);
    }

    /// <summary>All instances on one database have one secret; the first start makes it.</summary>
    public static string FileOf(string database) => Path.Combine(Path.GetDirectoryName(database)!, "secret");

    private static string Secret(string file)
    {
        if (!File.Exists(file))
        {
            // Complete before it has its name: another instance may read it at any time.
            string unfinished = $"{file}.{Environment.ProcessId}";
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var writer = new StreamWriter(unfinished, options))
            {
                writer.WriteLine(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
            }

            File.Move(unfinished, file, overwrite: true);
        }

        return File.ReadAllText(file).Trim();
    }
}
