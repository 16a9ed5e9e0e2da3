"""The portal: pages for people who have signed in. One module per noun, each with its `PAGES`."""
