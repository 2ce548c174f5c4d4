"""The software catalog: what a company has, who owns it and how it hangs together."""
