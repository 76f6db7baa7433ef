"""What can programs ask over HTTP?"""
