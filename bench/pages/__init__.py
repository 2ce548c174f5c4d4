"""The portal's pages in a headless Chromium, judged by the bars that they have to meet."""
